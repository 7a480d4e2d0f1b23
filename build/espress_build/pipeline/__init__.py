"""The stages that turn `raw/` into `dataset/`, and what runs them."""
