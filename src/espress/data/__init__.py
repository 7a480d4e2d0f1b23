"""Find, check and load one version of the dataset."""
