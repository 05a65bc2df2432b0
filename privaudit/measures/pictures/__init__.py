"""From the pixels of a picture to dots and to a georeference."""
