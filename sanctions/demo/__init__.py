"""The demonstration world: three invented schools, walked through the verbs from two years ago up to the present.

Nothing here writes a state: every case got where it is as it would have in a school, step by step and in order of time.
"""
