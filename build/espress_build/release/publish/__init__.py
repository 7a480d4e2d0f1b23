"""Publishing a release: to the Hub, to Zenodo, or into a folder; each checks what arrived before it counts."""
