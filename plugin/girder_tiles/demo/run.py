"""The demonstration from its start to its end."""

import signal
import time
from dataclasses import dataclass
from pathlib import Path

from girder_client import GirderClient

from girder_tiles.demo.checks import Findings, check_tiles
from girder_tiles.demo.conversion import wait_for_conversion
from girder_tiles.demo.errors import DemoError
from girder_tiles.demo.picture import make_picture
from girder_tiles.demo.upload import Uploaded, source_name, upload
from girder_tiles.embedded import Stack, StartError
from girder_tiles.progress import ProgressLine

VITAL = ("web", "database")
"""Services without which the demonstration shows nothing; without the others, tiles go on."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """What the person asked for."""

    state: Path
    image: Path | None = None
    port: int | None = None
    once: bool = False


def run(options: DemoOptions) -> None:
    """Start everything, do the main job, and serve until a signal unless it is once only."""
    for number in STOP_SIGNALS:  # all as ctrl-C, which shells switch off in the background
        signal.signal(number, signal.default_int_handler)
    if options.image is not None and not options.image.is_file():
        raise DemoError(f"There is no file {options.image}.")
    _say(f"Starting; state and logs in {options.state.resolve()}")
    with Stack(options.state, port=options.port, report=_say) as stack:
        _say(f"web server: {stack.services['web'].address}")
        item_id = _main_job(stack, _image(options, stack.state.folder))
        if not options.once:
            _serve(stack, item_id)
    _say("Everything has stopped.")


def _image(options: DemoOptions, state: Path) -> Path:
    if options.image is not None:
        return options.image
    path = state / "tissue.png"
    if not path.exists():
        _say("Making a picture ...")
        make_picture(path)
    return path


def _main_job(stack: Stack, image: Path) -> str:
    assert stack.site is not None
    client = stack.site.client()
    uploaded = upload(client, stack.site.folder_id, image)
    _say(f"{'Uploaded' if uploaded.is_new else 'Already there:'} {image.name}")
    _say(f"Recognised as {uploaded.recognised_as}")
    seconds = _convert(client, uploaded)
    findings = check_tiles(client, uploaded.item_id, image)
    source = source_name(client, uploaded.item_id)
    _summarise(image, uploaded, source, seconds, findings)
    return uploaded.item_id


def _convert(client: GirderClient, uploaded: Uploaded) -> float | None:
    if uploaded.job_id is None:
        return None
    progress = ProgressLine("Converting")
    seconds = wait_for_conversion(client, uploaded.job_id, progress.show)
    progress.end()
    return seconds


def _summarise(
    image: Path, uploaded: Uploaded, source: str, seconds: float | None, found: Findings
) -> None:
    megapixels = found.width * found.height / 1e6
    conversion = "not needed"
    if seconds is not None:
        conversion = f"{seconds:.1f} s, {megapixels / max(seconds, 0.001):.0f} MP/s"
    rows = {
        "file": f"{image.name}, {image.stat().st_size / 1e6:.1f} MB",
        "recognised as": uploaded.recognised_as,
        "served by": f"source `{source}`, {found.levels} levels",
        "image": f"{found.width} x {found.height}, {megapixels:.1f} MP",
        "conversion": conversion,
        "tiles": f"{found.tiles} decoded, of all levels; DZI and thumbnail too",
        "pixels": found.likeness,
    }
    _say("")
    for name, value in rows.items():
        _say(f"  {name:<14} {value}")
    _say("")


def _serve(stack: Stack, item_id: str) -> None:
    try:
        _show_address(stack, item_id)
        told: set[str] = set()
        while True:
            _tell_of_ended(stack, told)
            time.sleep(1)
    except KeyboardInterrupt:
        _say("\nStopping ...")


def _tell_of_ended(stack: Stack, told: set[str]) -> None:
    """Say once which service has ended by itself; raise if nothing is served without it."""
    for name, service in stack.services.items():
        try:
            service.check()
        except StartError as exc:
            if name in VITAL:
                raise
            if name not in told:
                told.add(name)
                _say(str(exc))


def _show_address(stack: Stack, item_id: str) -> None:
    assert stack.site is not None
    address = stack.services["web"].address
    _say(f"Girder:  {address}")
    _say(f"Login:   {stack.site.login}   Password: {stack.site.password}")
    _say(f"Image:   {address}/#item/{item_id}")
    _say("Stop with ctrl-C.")


def _say(line: str) -> None:
    print(line, flush=True)
