"""Rehearsals on a page: the example stories (the YAML files here), the process that plays one, and its result in words.

What a story is and how it is played is said in `sanctions/story.py` and `sanctions/rehearsal.py`.
"""
