"""Handlers that fail."""

import logging

from girder import events

from girder_tiles import handlers, worker_events


def test_a_handler_that_fails_is_logged_and_fails_nothing_else(monkeypatch, caplog):
    def fail(event):
        raise RuntimeError("on purpose")

    monkeypatch.setattr(handlers, "on_upload", fail)
    with caplog.at_level(logging.ERROR):
        worker_events.guarded("on_upload")(events.Event("uploaded", None))
    assert "on_upload failed on uploaded" in caplog.text
    assert "on purpose" in caplog.text


def test_each_event_has_its_handler():
    assert all(callable(getattr(handlers, name)) for name in worker_events.HANDLERS.values())
