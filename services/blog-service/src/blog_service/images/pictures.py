"""What is made of an uploaded image: the same pixels in a file without anything else.

Runs in a process of its own (`worker.py`), the only one that loads Pillow.
"""

from io import BytesIO
from typing import Any, Final, NamedTuple

from PIL import GifImagePlugin, Image, ImageFile, WebPImagePlugin

from blog_service.images.layout import is_lossless, is_plain, kind_of, webp_size

EXTENSIONS: Final = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp"}
MAX_EDGE = 2048
MAX_STORED = 10 << 20
MAX_FRAMES = 500
_MILLION = 1_000_000
# By what a decoder holds for each pixel; a JPEG is decoded at a fraction of its size.
_MAX_PIXELS = {"PNG": 9 * _MILLION, "JPEG": 100 * _MILLION, "GIF": 4 * _MILLION, "WEBP": 5 * _MILLION}
_MAX_DECODED = 8 * _MILLION
_MAX_ALL_FRAMES = 40 * _MILLION
_FULL_MODES = {"PNG": ("1", "L", "LA", "P", "RGB", "RGBA"), "JPEG": ("L", "RGB"), "WEBP": ("RGB", "RGBA")}
_OPTIONS: dict[str, dict[str, Any]] = {"JPEG": {"quality": 85, "optimize": True}, "WEBP": {"quality": 82}}
_LOSSLESS = {
    "lossless": True,
    "quality": 20,
    "method": 2,
}  # `quality` is effort: half a second, not five
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_KEPT = ("transparency", "duration", "loop", "background")

# The sizes are checked here, before anything is decoded; and a palette stays one where it can.
Image.MAX_IMAGE_PIXELS = None
GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_AFTER_DIFFERENT_PALETTE_ONLY
assert WebPImagePlugin.SUPPORTED  # noqa: S101 - registers itself when it is imported


class Refused(Exception):
    """The image is not stored; the text says why."""


class Picture(NamedTuple):
    """An image to store."""

    content: bytes
    extension: str
    width: int
    height: int


def convert(content: bytes, *, keep_plain: bool = False) -> Picture:
    """Decode an image whole and write it anew.

    Arguments:
        content: of a PNG, JPEG, WebP or GIF file.
        keep_plain: leave a file as it is that has pixels only and decodes well.

    Raises:
        Refused: it is none, broken, or too large.
    """
    kind = kind_of(content)
    if kind is None:
        raise Refused("This is no PNG, JPEG, WebP or GIF image.")
    if kind == "WEBP":
        _check_size(kind, *webp_size(content), 1)
    with Image.open(BytesIO(content), formats=[kind]) as image:
        frames = getattr(image, "n_frames", 1) if kind in ("GIF", "WEBP") else 1
        _check_size(kind, image.width, image.height, frames)
        if keep_plain and max(image.size) <= MAX_EDGE and is_plain(content):
            return _kept(content, kind, image, frames)
        options = _LOSSLESS if kind == "WEBP" and is_lossless(content) else _OPTIONS.get(kind, {})
        made = _still(image, kind, options) if frames == 1 else _animation(image, kind, options, frames)
    if len(made.content) > MAX_STORED or not is_plain(made.content):
        raise Refused("The image is too large.")
    return made


def _check_size(kind: str, width: int, height: int, frames: int) -> None:
    if width * height > _MAX_PIXELS[kind]:
        raise Refused(f"A {kind} image can have at most {_MAX_PIXELS[kind] // _MILLION} million pixels.")
    if frames > MAX_FRAMES or (frames > 1 and width * height * frames > _MAX_ALL_FRAMES):
        raise Refused("The animation is too long.")


def _kept(content: bytes, kind: str, image: ImageFile.ImageFile, frames: int) -> Picture:
    for number in range(frames):
        image.seek(number)
        image.load()
    return Picture(content, EXTENSIONS[kind], *image.size)


def _still(image: ImageFile.ImageFile, kind: str, options: dict[str, Any]) -> Picture:
    turn = _turn(image)
    if kind == "JPEG":
        _decode_smaller(image)
    image.load()
    still = _scaled(_full_mode(image, kind))
    if turn is not None:
        still = still.transpose(turn)
    still.info = {name: value for name, value in still.info.items() if name in _KEPT}
    return _saved(still, kind, options)


def _animation(image: ImageFile.ImageFile, kind: str, options: dict[str, Any], frames: int) -> Picture:
    if max(image.size) > MAX_EDGE:
        raise Refused(f"An animation can have at most {MAX_EDGE} pixels on a side.")
    durations, clear = [], False
    for number in range(frames):
        image.seek(number)
        image.load()
        durations.append(int(image.info.get("duration", 0)))
        clear = clear or image.has_transparency_data
    image.seek(0)
    image.info.pop("comment", None)
    options = {**options, "save_all": True, "duration": durations}
    if "loop" in image.info:
        options["loop"] = image.info["loop"]
    if kind == "GIF" and clear:
        options["disposal"] = 2  # a pixel can become transparent again only by clearing the frame before
    return _saved(image, kind, options)


def _saved(image: Image.Image, kind: str, options: dict[str, Any]) -> Picture:
    target = BytesIO()
    image.save(target, kind, **options)
    return Picture(target.getvalue(), EXTENSIONS[kind], *image.size)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """Read how the camera was held; what cannot be read turns nothing."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - a reader of hostile tables: it raises whatever happens to fail
        return None


def _decode_smaller(image: ImageFile.ImageFile) -> None:
    """Let the decoder of JPEG leave out pixels that would be scaled away."""
    width, height = image.size
    part = 1
    while width * height > _MAX_DECODED * part**2 and part < 8:
        part *= 2
    image.draft(None, (max(1, width // part), max(1, height // part)))


def _full_mode(image: Image.Image, kind: str) -> Image.Image:
    """Bring samples of other depths and colour spaces to what the format and a screen have."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if max(image.size) > MAX_EDGE and image.mode in ("1", "P"):
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode in _FULL_MODES.get(kind, (image.mode,)):
        return image
    return image.convert("RGBA" if "A" in image.mode and kind != "JPEG" else "RGB")


def _scaled(image: Image.Image) -> Image.Image:
    if max(image.size) > MAX_EDGE:
        image.thumbnail((MAX_EDGE, MAX_EDGE), reducing_gap=2.0)
    return image
