"""Small data of the kinds that documents name: photos/ as an image folder, fashion-mnist/ in MNIST's format."""
import random
import struct
import zlib


def png(pixels, side):
    """Grey bytes, row by row, as a PNG file."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + pixels[y * side:(y + 1) * side] for y in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def image(label, side, draw):
    """Stripes whose direction is the class, over noise."""
    period = 6 + draw.randrange(4)
    value = lambda x, y: (x, y, x + y)[label % 3] // period % 2 * 150 + draw.randrange(60)
    return bytes(value(x, y) for y in range(side) for x in range(side))


def write_photos(folder, per_class=40, side=48):
    draw = random.Random(1)
    for label, name in enumerate(("cat", "dog", "owl")):
        place = folder / "train" / name
        place.mkdir(parents=True)
        for number in range(per_class):
            (place / f"{number:03}.png").write_bytes(png(image(label, side, draw), side))


def write_idx(folder, side=28, classes=10):
    draw = random.Random(2)
    folder.mkdir(parents=True)
    for part, count in (("train", 400), ("t10k", 100)):
        labels = bytes(i % classes for i in range(count))
        pixels = b"".join(image(label, side, draw) for label in labels)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, count, side, side) + pixels)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, count) + labels)


def write(folder):
    write_photos(folder / "photos")
    write_idx(folder / "fashion-mnist")
