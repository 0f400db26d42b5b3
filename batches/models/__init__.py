from batches.models.chunk import Chunk
from batches.models.dead_letter import DeadLetter
from batches.models.image_upload import ImageUpload
from batches.models.job import Job
from batches.models.letter_event import LetterEvent
from batches.models.letter_group import LetterGroup
from batches.models.letter_tally import LetterHour, LetterTally, LetterTouch
from batches.models.patch_rule import PatchRule
from batches.models.redrive import Redrive, RedriveItem
from batches.models.result_file import ResultFile
from batches.models.transaction import Transaction

__all__ = [
    "Chunk",
    "DeadLetter",
    "ImageUpload",
    "Job",
    "LetterEvent",
    "LetterGroup",
    "LetterHour",
    "LetterTally",
    "LetterTouch",
    "PatchRule",
    "Redrive",
    "RedriveItem",
    "ResultFile",
    "Transaction",
]
