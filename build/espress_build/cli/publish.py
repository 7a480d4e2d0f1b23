"""The command `espress-build publish`: shows what would be sent, and sends it only with --really."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.pipeline.build import Places
    from espress_build.release.publish.edition_to_publish import Offer

SOUND = 0


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Say what the command takes."""
    parser = commands.add_parser("publish", help="show what of a release would be sent where; --really sends it")
    parser.add_argument("--to", required=True, choices=("hub", "zenodo", "folder"))
    parser.add_argument("--repo", metavar="OWNER/NAME", help="the dataset repository on the Hub")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the folder into which --to folder copies")
    parser.add_argument("--version", metavar="X.Y.Z", help="the release (default: the last one)")
    parser.add_argument("--edition", choices=("open", "full"), default="open", help="full needs a ground for each text")
    parser.add_argument(
        "--from", dest="source", metavar="PATH", help="a dataset folder or an archive (default: releases/)"
    )
    parser.add_argument("--endpoint", metavar="URL", help="another Zenodo, such as https://sandbox.zenodo.org")
    parser.add_argument("--really", action="store_true", help="send it; to Zenodo as a draft")
    parser.add_argument(
        "--publish", action="store_true", help="with --really: publish Zenodo's draft, which is forever"
    )


def _target(arguments: argparse.Namespace) -> str:
    """Return where it goes, for people; raises PublishError if that was not said."""
    from espress_build.release.publish.errors import PublishError
    from espress_build.release.publish.zenodo import ZENODO

    needed = {"hub": "repo", "folder": "out"}.get(arguments.to)
    if needed and not getattr(arguments, needed):
        raise PublishError(f"--to {arguments.to} needs --{needed} {'OWNER/NAME' if needed == 'repo' else 'DIR'}.")
    if arguments.publish and (arguments.to != "zenodo" or not arguments.really):
        raise PublishError("--publish goes with --to zenodo --really: it publishes the draft.")
    if arguments.to == "hub":
        return f"the Hub, dataset {arguments.repo}"
    return f"folder {arguments.out}" if arguments.to == "folder" else f"Zenodo, {arguments.endpoint or ZENODO}"


def _sent(offer: Offer, to: str) -> list[tuple[int, str, str]]:
    """Return size, SHA-256 and name of each file that goes there."""
    from espress_build.release.publish.zenodo import parcel

    if to != "zenodo":
        return [(file.size, file.sha256, file.path) for file in offer.files]
    with parcel(offer) as files:
        return [(file.path.stat().st_size, file.sha256, file.name) for file in files]


def _shown(offer: Offer, to: str, target: str) -> str:
    """Return what would be sent, for people."""
    files = _sent(offer, to)
    lines = [f"{size:>10}  {digest}  {name}" for size, digest, name in files]
    return "\n".join(
        [
            f"ESPRESS {offer.version}, {offer.edition} edition, tag {offer.tag}, root {offer.root}",
            f"to {target}:",
            *lines,
            f"{len(files)} files, {sum(size for size, _, _ in files)} bytes. Nothing was sent.",
            f"It could not be: {offer.why_not}" if offer.why_not else "Type the same with --really to send it.",
        ]
    )


def run(where: Places, arguments: argparse.Namespace) -> tuple[str, int]:
    """Show or send; returns what to say and the exit code."""
    from espress_build.release.publish import folder, hub, zenodo
    from espress_build.release.publish.edition_to_publish import offered
    from espress_build.release.publish.errors import NotAllowedError

    target = _target(arguments)
    with offered(where.project, arguments.source, arguments.version, arguments.edition) as offer:
        if not arguments.really:
            return _shown(offer, arguments.to, target), SOUND
        if offer.why_not:
            raise NotAllowedError(f"Nothing was sent to {target}: {offer.why_not}")
        if arguments.to == "hub":
            return hub.publish(offer, arguments.repo), SOUND
        if arguments.to == "folder":
            return folder.publish(offer, arguments.out), SOUND
        return zenodo.publish(offer, arguments.endpoint or zenodo.ZENODO, for_good=arguments.publish), SOUND
