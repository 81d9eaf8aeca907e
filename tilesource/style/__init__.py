"""Styles: what a source's pixels are turned into before they are shown."""
