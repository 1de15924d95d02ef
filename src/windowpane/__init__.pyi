"""The public names: the one list that `windowpane`, type checkers, the docs and the tests read."""

from windowpane.core.engine import Engine as Engine
from windowpane.core.engine import ScoreMap as ScoreMap
from windowpane.core.netfile import NetFile as NetFile
from windowpane.core.netfile import load_net as load_net
from windowpane.core.system import Failure as Failure
from windowpane.core.system import System as System
from windowpane.core.windows import Window as Window
from windowpane.detect.detections import Detection as Detection
from windowpane.detect.detections import Detections as Detections
from windowpane.detect.detector import Detector as Detector
from windowpane.detect.tracker import Tracker as Tracker
from windowpane.drive.driver import Driver as Driver
from windowpane.drive.driver import Sight as Sight
from windowpane.drive.geometry.camera import StereoRig as StereoRig
from windowpane.drive.geometry.camera import load_calibration as load_calibration
from windowpane.drive.localization.odometry import Motion as Motion
from windowpane.drive.localization.odometry import Odometry as Odometry
from windowpane.drive.logs.recording import Recording as Recording
from windowpane.drive.navigator import Navigator as Navigator
from windowpane.drive.senses import Images as Images
from windowpane.drive.senses import Imu as Imu
from windowpane.drive.senses import Wheels as Wheels
from windowpane.drive.step import Step as Step
from windowpane.drive.vehicle import Vehicle as Vehicle
from windowpane.errors import ArgumentError as ArgumentError
from windowpane.errors import ConfigError as ConfigError
from windowpane.errors import DataError as DataError
from windowpane.errors import ImageError as ImageError
from windowpane.errors import MissingExtraError as MissingExtraError
from windowpane.errors import NetFileError as NetFileError
from windowpane.errors import WindowpaneError as WindowpaneError
from windowpane.images import load_image as load_image
from windowpane.parse.labelmap import LabelMap as LabelMap
from windowpane.parse.parser import Parser as Parser
from windowpane.read.lexicon import Lexicon as Lexicon
from windowpane.read.mail.mail_reader import MailReader as MailReader
from windowpane.read.mail.postal_code import PostalCode as PostalCode
from windowpane.read.reader import Reader as Reader
from windowpane.read.reading import Alternative as Alternative
from windowpane.read.reading import Digit as Digit
from windowpane.read.reading import Reading as Reading
from windowpane.teach.patches import PatchLearner as PatchLearner

__version__: str
