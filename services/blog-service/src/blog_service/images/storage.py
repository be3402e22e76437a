"""Which store of images the settings ask for."""

from importlib import import_module
from pathlib import Path

from blog_service.database import Database
from blog_service.images.blobs import DatabaseFiles
from blog_service.images.files import FolderFiles, ImageFiles
from blog_service.settings import Settings
from chassis import Chassis


def open_files(chassis: Chassis, settings: Settings, database: Database) -> ImageFiles:
    """Open the store that `BLOG_IMAGES` names; without it, the database."""
    place = settings.blog_images
    if place is None:
        return DatabaseFiles(database)
    if place.startswith("/"):
        return FolderFiles(Path(place))
    # The client of HTTP costs memory that other stores need not pay.
    bucket = import_module("blog_service.images.bucket")
    files: ImageFiles = bucket.open_bucket(chassis, settings)
    return files
