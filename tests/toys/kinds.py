from recipec.api import UNKNOWN, Model, Unknown


class ToyFacts(Model):
    kind = "toys.model"
    suffix = ".json"
    numbers: int | Unknown = UNKNOWN


class PackedFacts(Model):
    kind = "toys.packed"
    suffix = ".bin"
    numbers: int | Unknown = UNKNOWN
