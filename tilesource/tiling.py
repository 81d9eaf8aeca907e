"""How a region is cut into tiles: sizes, overlaps and offsets, in one direction at a time."""

from __future__ import annotations

from dataclasses import dataclass

from tilesource.errors import InvalidRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One tile in one direction: [start, stop), and how much it shares at either end."""

    start: int
    stop: int
    before: int = 0
    after: int = 0

    @property
    def length(self) -> int:
        """Return its pixels."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """The tiles over [start, stop) in one direction.

    Tile 0 starts at `origin`; each is `size` long and shares `overlap` pixels with the next. With
    `edges`, the outermost tiles are cut by their share of the overlap, as the image ends there.
    """

    start: int
    stop: int
    size: int
    overlap: int = 0
    edges: bool = False
    origin: int = 0

    def __post_init__(self) -> None:
        if self.size < 1 or not 0 <= self.overlap < self.size:
            raise InvalidRequest(
                f"tiles of {self.size} pixels cannot overlap by {self.overlap}: "
                "an overlap is not negative, and less than a tile"
            )

    @property
    def first(self) -> int:
        """Return the number of the first tile that has pixels."""
        return (self.start - self._corner) // self._stride

    @property
    def end(self) -> int:
        """Return one past the number of the last tile that has pixels."""
        covered = self.stop - self._corner - (0 if self.edges else self.overlap)
        return max(-(-covered // self._stride), self.first + 1)

    @property
    def count(self) -> int:
        """Return how many tiles there are."""
        return self.end - self.first if self.stop > self.start else 0

    def span(self, tile: int) -> Span:
        """Return where a tile lies, cut to the region, by its number."""
        half = self.overlap // 2
        corner = self._corner + tile * self._stride
        low = corner - (half if self.edges else 0)
        own_low = corner + (0 if self.edges else half)
        own_high = own_low + self._stride
        if not self.edges and tile == self.first:
            own_low = self.start
        if not self.edges and tile == self.end - 1:
            own_high = self.stop
        start, stop = max(low, self.start), min(low + self.size, self.stop)
        before = max(own_low, self.start) - start
        return Span(start=start, stop=stop, before=before, after=stop - min(own_high, self.stop))

    @property
    def _stride(self) -> int:
        return self.size - self.overlap

    @property
    def _corner(self) -> int:
        """Return the origin, whole strides before it if it lies within the region."""
        beyond = max(self.origin - self.start, 0)
        return self.origin - -(-beyond // self._stride) * self._stride


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Which one of all tiles is wanted: by its number, or by column and row.

    Columns and rows count from the first of the region or, as `level` ones, of the level.
    """

    number: int | None = None
    column: int = 0
    row: int = 0
    of_level: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiling:
    """How a caller wants a region cut; sizes and offsets are pixels of the result."""

    width: int | None = None
    height: int | None = None
    overlap_x: int = 0
    overlap_y: int = 0
    edges: bool = False
    left: int = 0
    top: int = 0
    from_region: bool = False  # the first tile's corner is the region's
    position: Position | None = None

    def columns(self, start: int, stop: int, size: int) -> Ruler:
        """Return the columns of tiles over [start, stop), of a usual size if none is wanted."""
        return Ruler(
            start=start, stop=stop, size=self.width or self.height or size, edges=self.edges,
            overlap=self.overlap_x, origin=start if self.from_region else self.left,
        )  # fmt: skip

    def rows(self, start: int, stop: int, size: int) -> Ruler:
        """Return the rows of tiles over [start, stop), of a usual size if none is wanted."""
        return Ruler(
            start=start, stop=stop, size=self.height or self.width or size, edges=self.edges,
            overlap=self.overlap_y, origin=start if self.from_region else self.top,
        )  # fmt: skip
