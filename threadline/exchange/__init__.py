"""Records in and out of files.

In: :func:`take_in` a file as an :class:`ImportRun` with a proposal for its columns;
:func:`choose` another mapping; :func:`check` it, which is the dry run; :func:`start` it as a
job, or :func:`bring_in` at once. :func:`ask_to_cancel`, :func:`resume` and :func:`undo_run` do
what they say. Out: :func:`write`.
"""
