"""Where tables come from: files, samples, made data.

detect(path, name)    the source that reads a file, its parameters filled in
preview(source, path) the first rows as it would read them
unpack(...), offers() the files inside archives and folders, the sheets of workbooks
groups(...)           which of them have one shape and can be read as one table
Source.members        every kind of source, by name
"""

from core.sources.archive import Part, is_archive, unpack
from core.sources.avro import AvroFile
from core.sources.delimited import ColumnOfType, DelimitedFile
from core.sources.files import Preview, detect, inspect, preview
from core.sources.fixed_width import FixedWidthFile
from core.sources.frames import ArrowFile, ParquetFile
from core.sources.groups import Group, groups
from core.sources.json_file import JsonFile
from core.sources.markup import MarkupTable
from core.sources.offered import Offer, offers
from core.sources.one_shape import alike
from core.sources.orc import OrcFile
from core.sources.samples import SAMPLES, Sample, SampleInfo, sample_info
from core.sources.sheets_together import SheetsTogether
from core.sources.spreadsheet import Spreadsheet, sheets
from core.sources.synthetic import Synthetic
from core.sources.together import FilesTogether

__all__ = [
    "SAMPLES",
    "ArrowFile",
    "AvroFile",
    "ColumnOfType",
    "DelimitedFile",
    "FilesTogether",
    "FixedWidthFile",
    "Group",
    "JsonFile",
    "MarkupTable",
    "Offer",
    "OrcFile",
    "ParquetFile",
    "Part",
    "Preview",
    "Sample",
    "SampleInfo",
    "SheetsTogether",
    "Spreadsheet",
    "Synthetic",
    "alike",
    "detect",
    "groups",
    "inspect",
    "is_archive",
    "offers",
    "preview",
    "sample_info",
    "sheets",
    "unpack",
]
