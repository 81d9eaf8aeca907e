"""Images as files: tiled pyramids in TIFF and zarr, written in one pass."""
