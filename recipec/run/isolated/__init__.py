"""Stages in processes of their own: what one does there, its crash too, harms nothing else.

job      what is to be done, as JSON: parameters, artifacts as paths, where to write
child    the program that does it
parent   starts it, follows it, ends it, and says how it went
"""
