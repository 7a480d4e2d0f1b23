"""The stages that turn `raw/` into `dataset/`, and their runner."""
