"""The formats of picture files (image file formats), a module each: what their headers say, and odd pixels.

`windowpane.images.formats.kinds` knows them all.
"""
