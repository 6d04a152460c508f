"""People and pupils taken over from the file that a school's information system exports.

A file is read (`reading`), its columns are named (`columns`), its cells become what it says of people (`cells`), its
rows are brought together (`gathering`), whom it means in the register is found (`matching`), what would change is worked
out (`planning`), and at somebody's word all of it, or nothing, is written (`writing`). `course` leads an import along.
"""
