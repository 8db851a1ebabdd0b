"""Pages for what went wrong, in plain words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from setia.console.session_end import typed_texts


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the request could not be understood."""
    return render(request, "console/errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that this person's role does not include the page."""
    return render(request, "console/errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is nothing here."""
    return render(request, "console/errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that Setia made a mistake; nothing here may touch the database, which may be what failed."""
    return HttpResponse(_SORRY, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was open for too long or came from elsewhere."""
    return render(request, "console/errors/csrf.html", {"typed": typed_texts(request)}, status=403)


_SORRY = """<!doctype html><html lang="id"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Setia</title></head>
<body><main><h1>Maaf, ada yang salah di pihak kami</h1>
<p>Yang sudah tersimpan tetap aman. Coba lagi sebentar lagi; bila berulang, lihat log di server.</p>
<p lang="en">Sorry, something went wrong on our side. What was saved is safe. Please try again in a moment.</p>
<p><a href="/console/">Setia</a></p></main></body></html>"""
