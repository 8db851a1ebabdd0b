"""The lake: what the shop's tables say, copied into files that an engine reads fast.

Immutable Parquet parts, one for each table and month, and a manifest that names the parts that count and is replaced
atomically: whoever read it goes on with what it named, whoever reads it next sees the whole of the next state. It holds
ids, days and amounts, and nothing that names a person.
"""

from setia.domains.analytics.lake.filling import LakeBusy, LakeFull, fill_lake
from setia.domains.analytics.lake.manifest import Manifest, Part, read_manifest

__all__ = ["LakeBusy", "LakeFull", "Manifest", "Part", "fill_lake", "read_manifest"]
