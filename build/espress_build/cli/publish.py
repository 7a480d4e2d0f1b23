"""The command `espress-build publish`: show what would be sent, and send it only with --really."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places
    from espress_build.release.publish.publication import Publication


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser("publish", help="show which files of a release would be sent; --really sends them")
    parser.add_argument("--to", required=True, choices=("hub", "zenodo", "folder"))
    parser.add_argument("--repo", metavar="OWNER/NAME", help="the dataset repository on the Hub")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the folder into which --to folder copies")
    parser.add_argument("--version", metavar="X.Y.Z", help="the release (default: the last one)")
    parser.add_argument(
        "--edition", choices=("open", "full"), default="open", help="full needs a rights_basis for every text"
    )
    parser.add_argument("--from", dest="source", metavar="PATH", help="a dataset folder or an archive, not releases/")
    parser.add_argument("--endpoint", metavar="URL", help="another Zenodo, such as https://sandbox.zenodo.org")
    parser.add_argument("--really", action="store_true", help="send it; to Zenodo as a draft")
    parser.add_argument("--publish", action="store_true", help="with --really: publish Zenodo's draft, which is final")


def _name_target(arguments: argparse.Namespace) -> str:
    """Return the name of the target as people read it; raises PublishError if an option is missing."""
    from espress_build.release.publish.errors import PublishError
    from espress_build.release.publish.to_zenodo import ZENODO

    if arguments.publish and (arguments.to != "zenodo" or not arguments.really):
        raise PublishError("--publish goes with --to zenodo --really: it publishes the draft.")
    if arguments.to == "zenodo":
        arguments.endpoint = arguments.endpoint or ZENODO
        return f"Zenodo, {arguments.endpoint}"
    if arguments.to == "hub" and not arguments.repo:
        raise PublishError("--to hub needs --repo OWNER/NAME.")
    if arguments.to == "folder" and not arguments.out:
        raise PublishError("--to folder needs --out DIR.")
    return f"the Hub, dataset {arguments.repo}" if arguments.to == "hub" else f"folder {arguments.out}"


def _describe(publication: Publication, to: str, target: str) -> str:
    """Return the files that would be sent, and how to send them."""
    from espress.files import hash_file
    from espress_build.release.publish.to_zenodo import pack

    files = [(file.size, file.sha256, file.path) for file in publication.files]
    if to == "zenodo":
        with pack(publication) as packed:
            files = [(path.stat().st_size, hash_file(path), path.name) for path in packed]
    return "\n".join(
        [
            f"ESPRESS {publication.version}, {publication.edition} edition, root {publication.root}",
            f"to {target}, tag {publication.tag}:",
            *(f"{size:>10}  {digest}  {name}" for size, digest, name in files),
            f"{len(files)} files, {sum(size for size, _, _ in files)} bytes. Nothing was sent.",
            f"It cannot be sent: {publication.obstacle}"
            if publication.obstacle
            else "Type the same command with --really to send it.",
        ]
    )


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Show or send; returns 0."""
    from espress_build.release.publish import to_folder, to_hub, to_zenodo
    from espress_build.release.publish.errors import NotAllowedError
    from espress_build.release.publish.publication import open_publication

    target = _name_target(arguments)
    with open_publication(places.project, arguments.source, arguments.version, arguments.edition) as publication:
        if not arguments.really:
            print(_describe(publication, arguments.to, target))
        elif publication.obstacle:
            raise NotAllowedError(f"Nothing was sent to {target}: {publication.obstacle}")
        elif arguments.to == "hub":
            print(to_hub.publish(publication, arguments.repo))
        elif arguments.to == "folder":
            print(to_folder.publish(publication, arguments.out))
        else:
            print(to_zenodo.publish(publication, arguments.endpoint, final=arguments.publish))
    return 0
