"""The Girder plugin: recognises images, converts what needs it, serves tiles."""
