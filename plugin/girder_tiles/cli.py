"""The command `girder-tiles`."""

import argparse
import sys
from pathlib import Path

from girder_tiles.demo import DemoError, DemoOptions, run
from girder_tiles.embedded import StartError
from girder_tiles.progress import ProgressLine
from tilesource.conversion import ConversionOptions, convert
from tilesource.errors import InvalidRequest, TileGeneralError

INTERRUPTED = 130
LAST_PORT = 65535


def main(arguments: list[str] | None = None) -> int:
    """Run one of the commands and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (StartError, DemoError, TileGeneralError, OSError) as exc:
        print(f"girder-tiles: {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="girder-tiles", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_demo(commands.add_parser("demo", help="start Girder with tiles and show an image"))
    _add_convert(commands.add_parser("convert", help="convert an image to a tiled pyramid"))
    return parser


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_demo)
    parser.add_argument("--once", action="store_true", help="check everything and stop")
    parser.add_argument("--image", type=Path, help="the image to show (default: a generated one)")
    parser.add_argument(
        "--state", type=Path, default=Path(".demo"), help="folder of all data (default: .demo)"
    )
    parser.add_argument(
        "--port", type=port_number, help="port of the web server (default: a free one)"
    )


def port_number(text: str) -> int:
    """Return the number of a TCP port; argparse says why not."""
    number = int(text)
    if not 1 <= number <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is 1 to {LAST_PORT}, not {number}")
    return number


def _demo(options: argparse.Namespace) -> None:
    run(DemoOptions(state=options.state, image=options.image, port=options.port, once=options.once))


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_convert)
    parser.add_argument("source", type=Path)
    parser.add_argument("destination", type=Path)
    defaults = ConversionOptions()
    parser.add_argument("--compression", default=defaults.compression)
    parser.add_argument("--quality", type=int, default=defaults.quality, help="of JPEG, 1 to 100")
    parser.add_argument("--tile-size", type=int, default=defaults.tile_size)


def _convert(options: argparse.Namespace) -> None:
    if options.destination.exists() and options.destination.samefile(options.source):
        raise InvalidRequest(f"{options.source} is the file to convert: give another destination.")
    conversion = ConversionOptions(
        compression=options.compression, quality=options.quality, tile_size=options.tile_size
    )
    progress = ProgressLine("Converting")
    convert(options.source, options.destination, conversion, progress.show, lambda: False)
    progress.end()
    print(f"Wrote {options.destination}")


if __name__ == "__main__":
    sys.exit(main())
