from batches.models.acceptance import Acceptance, AcceptanceItem
from batches.models.chunk import Chunk
from batches.models.counted_stock import CountedStock
from batches.models.dead_letter import DeadLetter
from batches.models.event_count import EventCount
from batches.models.image_upload import ImageUpload
from batches.models.job import Job
from batches.models.letter_event import LetterEvent
from batches.models.letter_group import LetterGroup
from batches.models.letter_tally import LetterHour, LetterTally, LetterTouch
from batches.models.patch_rule import PatchRule
from batches.models.product_proposal import ProductProposal
from batches.models.queue_look import QueueLook
from batches.models.redrive import Redrive, RedriveItem
from batches.models.result_file import ResultFile
from batches.models.stray_message import StrayMessage
from batches.models.sweep_cursor import SweepCursor
from batches.models.transaction import Transaction

__all__ = [
    "Acceptance",
    "AcceptanceItem",
    "Chunk",
    "CountedStock",
    "DeadLetter",
    "EventCount",
    "ImageUpload",
    "Job",
    "LetterEvent",
    "LetterGroup",
    "LetterHour",
    "LetterTally",
    "LetterTouch",
    "PatchRule",
    "ProductProposal",
    "QueueLook",
    "Redrive",
    "RedriveItem",
    "ResultFile",
    "StrayMessage",
    "SweepCursor",
    "Transaction",
]
