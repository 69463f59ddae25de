"""Archives cut into pieces that a transfer can carry, and joined again. Needs only Python: nothing else is certain to be on the target machine.

    python3 payload.py cut FOLDER PIECE_BYTES FACTS NAME=FILE.tar.xz…   writes FOLDER/manifest.json and FOLDER/pieces/01, 02, …
    python3 payload.py receive FOLDER KIT                               takes over the pieces that arrived, unpacks complete archives into KIT/NAME

The payload is the archives one after the other. A piece is taken over once its digest matches, whatever came before it and however often it comes; an
archive is unpacked as soon as all its bytes are there. FACTS is JSON that travels in the manifest.
"""

import hashlib
import json
import lzma
import shutil
import sys
import tarfile
import time
from pathlib import Path

CHUNK = 1 << 22


class KitError(Exception):
    """The message says what was found, what was expected and the remedy."""


def digest(file, size):
    """Digest of the next `size` bytes."""
    sha = hashlib.sha256()
    while size > 0:
        block = file.read(min(CHUNK, size))
        if not block:
            break
        sha.update(block)
        size -= len(block)
    return sha.hexdigest()


def copy(source, target, size):
    while size > 0:
        block = source.read(min(CHUNK, size))
        if not block:
            raise KitError(f"{source.name}: ended {size} bytes early")
        target.write(block)
        size -= len(block)


def part(file, name, start, size):
    file.seek(start)
    return {"name": name, "start": start, "size": size, "sha256": digest(file, size)}


def cut(folder, piece_bytes, facts, archives):
    """@param archives (name, path) in the order in which they should be complete"""
    pieces = folder / "pieces"
    shutil.rmtree(pieces, ignore_errors=True)
    pieces.mkdir(parents=True)
    payload = folder / "payload"
    manifest = {"v": 1, "facts": facts, "archives": [], "pieces": []}
    with open(payload, "w+b") as whole:
        for name, path in archives:
            start, size = whole.tell(), path.stat().st_size
            with open(path, "rb") as archive:
                copy(archive, whole, size)
            manifest["archives"].append(part(whole, name, start, size))
            whole.seek(start + size)
        total = whole.tell()
        for start in range(0, total, piece_bytes):
            size = min(piece_bytes, total - start)
            piece = part(whole, f"{len(manifest['pieces']) + 1:02}", start, size)
            whole.seek(start)
            with open(pieces / piece["name"], "wb") as file:
                copy(whole, file, size)
            manifest["pieces"].append(piece)
    payload.unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


class Part:
    """The next `size` bytes of a file, as a file."""

    def __init__(self, file, size):
        self.file = file
        self.left = size

    def read(self, size):
        block = self.file.read(min(size, self.left))
        self.left -= len(block)
        return block


class Kit:
    """What arrived so far: KIT/manifest.json, KIT/payload with holes, KIT/have/NN, and a folder for each complete archive."""

    def __init__(self, manifest, folder):
        self.manifest = manifest
        self.folder = folder

    @classmethod
    def open(cls, carried, folder):
        """A manifest that differs from the last one starts a new kit. @throws KitError"""
        if not (carried / "manifest.json").is_file():
            raise KitError(f"{carried}/manifest.json is not here: carry it with every piece, or run `scripts/gpu-kit.sh prepare` where a network is")
        text = (carried / "manifest.json").read_text()
        own = folder / "manifest.json"
        if folder.exists() and not own.is_file() and any(folder.iterdir()):
            raise KitError(f"{folder} holds something else than a kit: empty it, or name another folder in GPU_KIT")
        if own.is_file() and own.read_text() != text:
            shutil.rmtree(folder)
        (folder / "have").mkdir(parents=True, exist_ok=True)
        own.write_text(text)
        return cls(json.loads(text), folder)

    def has(self, piece):
        return (self.folder / "have" / piece["name"]).exists()

    def missing(self):
        return [piece["name"] for piece in self.manifest["pieces"] if not self.has(piece)]

    def take(self, piece, path):
        """@throws KitError when it is damaged"""
        with open(path, "rb") as file:
            if path.stat().st_size != piece["size"] or digest(file, piece["size"]) != piece["sha256"]:
                raise KitError(f"{path}: is not the piece that the manifest names (other size or digest): carry it again, with its manifest.json")
            file.seek(0)
            whole = self.folder / "payload"
            whole.touch()
            with open(whole, "r+b") as target:
                target.seek(piece["start"])
                copy(file, target, piece["size"])
        (self.folder / "have" / piece["name"]).touch()

    def is_unpacked(self, archive):
        return (self.folder / archive["name"]).is_dir()

    def is_whole(self, archive):
        start, end = archive["start"], archive["start"] + archive["size"]
        pieces = self.manifest["pieces"]
        return all(self.has(p) for p in pieces if p["start"] < end and start < p["start"] + p["size"])

    def unpack(self, archive):
        """@returns bytes unpacked @throws KitError"""
        partial = self.folder / f"{archive['name']}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        with open(self.folder / "payload", "rb") as whole:
            whole.seek(archive["start"])
            if digest(whole, archive["size"]) != archive["sha256"]:
                raise KitError(f"archive {archive['name']}: its pieces fit the manifest, it does not; prepare the kit again")
            whole.seek(archive["start"])
            safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            # tarfile's own xz reader takes ten times as long.
            with lzma.open(Part(whole, archive["size"])) as raw, tarfile.open(fileobj=raw, mode="r|", bufsize=CHUNK, copybufsize=CHUNK) as tar:
                tar.extractall(partial, **safely)
        partial.rename(self.folder / archive["name"])
        return sum(path.stat().st_size for path in (self.folder / archive["name"]).rglob("*") if path.is_file())


def receive(carried, folder, say):
    """@returns names of the pieces that are missing @throws KitError"""
    kit = Kit.open(carried, folder)
    for piece in kit.manifest["pieces"]:
        path = carried / "pieces" / piece["name"]
        if not kit.has(piece) and path.is_file():
            kit.take(piece, path)
            say(f"piece {piece['name']} of {len(kit.manifest['pieces']):02} arrived")
    for archive in kit.manifest["archives"]:
        if not kit.is_unpacked(archive) and kit.is_whole(archive):
            began = time.monotonic()
            size = kit.unpack(archive)
            say(f"{archive['name']} unpacked: {size / 1e6:.0f} MB from {archive['size'] / 1e6:.0f} MB in {time.monotonic() - began:.1f} s")
    if all(kit.is_unpacked(archive) for archive in kit.manifest["archives"]):
        (folder / "payload").unlink(missing_ok=True)
    return kit.missing()


def main():
    command, *args = sys.argv[1:]
    if command == "cut":
        folder, piece_bytes, facts, *named = args
        archives = [(name, Path(path)) for name, path in (each.split("=", 1) for each in named)]
        manifest = cut(Path(folder), int(piece_bytes), json.loads(facts), archives)
        for each in [*manifest["archives"], *manifest["pieces"]]:
            print(f"{each['name']:>12} {each['size'] / 2**20:6.1f} MiB")
        return
    missing = receive(Path(args[0]), Path(args[1]), lambda text: print(f"gpu-kit: {text}", flush=True))
    print(f"gpu-kit: {'the kit is whole' if not missing else 'still to come: piece ' + ', '.join(missing)}")


if __name__ == "__main__":
    try:
        main()
    except KitError as error:
        sys.exit(f"gpu-kit: {error}")
