"""New recipes: what plugins offer, what a person answers, and the text that comes of it."""

from recipec.init.compose import compose
from recipec.init.fill import places
from recipec.init.offers import Offers, find_offers
from recipec.init.wish import Wish, model_named, shape_of

__all__ = ["Offers", "Wish", "compose", "find_offers", "model_named", "places", "shape_of"]
