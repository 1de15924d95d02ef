"""The exceptions of Windowpane.

    WindowpaneError               anything that is the input's fault; one clear sentence
    ├── ArgumentError             an argument that cannot be; a ValueError too
    ├── ImageError                a picture that cannot be used
    ├── NetFileError              a net file that cannot be used
    ├── DataError                 a data set, label file or lexicon that cannot be used
    ├── ConfigError               a training configuration that cannot be used
    └── MissingExtraError         a feature whose optional packages are not installed

Every message says what was given, what is expected and what to do.
"""


class WindowpaneError(Exception):
    """Base of every error that a caller can cause and mend."""


class ArgumentError(WindowpaneError, ValueError):
    """An argument that cannot be: raised at once, before anything is done with it."""


class ImageError(WindowpaneError):
    """A picture that is missing, broken, empty or larger than allowed."""


class NetFileError(WindowpaneError):
    """A net file that is missing, no ONNX, of an unknown version or inconsistent."""


class DataError(WindowpaneError):
    """A data set, label file or lexicon with a fault; names the file and, where there is one, the line."""


class ConfigError(WindowpaneError):
    """A training configuration with an unknown, missing or impossible value."""


class MissingExtraError(WindowpaneError):
    """A feature whose optional packages are not installed; names the extra to install."""
