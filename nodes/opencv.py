"""The one door to OpenCV.

Its wheel sets two of Qt's environment variables at import, which would lead this program and the programs it starts
to OpenCV's own Qt. They are put back as they were. `cv2` is imported when first asked for, since it takes 0.1 s.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import cv2

_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")


def __getattr__(name: str) -> Any:
    if name != "cv2":
        raise AttributeError(name)
    before = {variable: os.environ.get(variable) for variable in _VARIABLES}
    import cv2

    for variable, value in before.items():
        if value is None:
            os.environ.pop(variable, None)
        else:
            os.environ[variable] = value
    globals()["cv2"] = cv2
    return cv2


__all__ = ["cv2"]
