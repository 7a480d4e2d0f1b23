"""What a user writes without our package: python plain_load_dataset.py DATASET_FOLDER CACHE_FOLDER."""

import sys

import datasets

datasets.load_dataset(sys.argv[1], "articles", cache_dir=sys.argv[2])
