from batches.models.chunk import Chunk
from batches.models.dead_letter import DeadLetter
from batches.models.image_upload import ImageUpload
from batches.models.job import Job
from batches.models.result_file import ResultFile
from batches.models.transaction import Transaction

__all__ = ["Chunk", "DeadLetter", "ImageUpload", "Job", "ResultFile", "Transaction"]
