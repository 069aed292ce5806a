"""Values and rows that seem to mean the same: found here, confirmed by a person, changed by a step"""

from core.similar.clusters import Cluster as Cluster
from core.similar.clusters import clusters as clusters
from core.similar.clusters import counted as counted
from core.similar.pairs import Pair as Pair
from core.similar.pairs import pairs as pairs
from core.similar.pairs import records as records
