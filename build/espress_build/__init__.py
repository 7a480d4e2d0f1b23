"""How the dataset is made: pure stages over Arrow tables, and the checks on what they made."""
