"""The file formats, one module a family."""
