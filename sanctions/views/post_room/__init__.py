"""The post room: the queue of letters, one letter with its PDF, issuing, printing, and the proof of sending."""

from django.urls import path

from sanctions.views.post_room import deeds, letter, letterhead, paper, queue, runs, sending, texts

urlpatterns = [
    path("letters/", queue.letters, name="letters"),
    path("letters/print/", runs.letters_print, name="letters_print"),
    path("letters/issue/", runs.letters_issue, name="letters_issue"),
    path("letters/runs/", runs.listed, name="runs"),
    path("letters/runs/<int:pk>/", runs.run, name="run"),
    path("letters/runs/<int:pk>/progress/", runs.progress, name="run_progress"),
    path("letters/runs/<int:pk>/pdf/", runs.pdf, name="run_pdf"),
    path("letters/runs/<int:pk>/close/", runs.close, name="run_close"),
    path("letters/<int:pk>/", letter.letter, name="letter"),
    path("letters/<int:pk>/pdf/", paper.letter_pdf, name="letter_pdf"),
    path("letters/<int:pk>/copy/", paper.letter_copy, name="letter_copy"),
    path("letters/<int:pk>/reword/", deeds.letter_reword, name="letter_reword"),
    path("letters/<int:pk>/approve/", deeds.letter_approve, name="letter_approve"),
    path("letters/<int:pk>/ask-again/", deeds.letter_ask_again, name="letter_ask_again"),
    path("letters/<int:pk>/issue/", deeds.letter_issue, name="letter_issue"),
    path("letters/<int:pk>/print/", runs.letter_print, name="letter_print"),
    path("letters/<int:pk>/try-again/", paper.letter_try_again, name="letter_try_again"),
    path("letters/<int:pk>/posted/", sending.letter_posted, name="letter_posted"),
    path("letters/<int:pk>/again/", sending.letter_again, name="letter_again"),
    path("letters/<int:pk>/email/", sending.letter_email, name="letter_email"),
    path("letters/<int:pk>/sendings/<int:sending>/came-back/", sending.came_back, name="sending_came_back"),
    path("letters/<int:pk>/sendings/<int:sending>/stop/", sending.stop_email, name="sending_stop"),
    path("letters/<int:pk>/sendings/<int:sending>/settle/", sending.settle_email, name="sending_settle"),
    path("letters/<int:pk>/sendings/<int:sending>/proof/", sending.keep_scan, name="sending_keep_scan"),
    path("letters/<int:pk>/sendings/<int:sending>/scan/", sending.scan, name="sending_scan"),
    path("letters/<int:pk>/replace/", deeds.letter_replace, name="letter_replace"),
    *texts.urlpatterns,
    *letterhead.urlpatterns,
]
