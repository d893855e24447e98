"""What operations ask: is the process up, can the service work, how is it doing."""

from django.http import HttpResponse, JsonResponse


def healthz(request):
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request):
    """Whether every part is there."""
    return JsonResponse({"ready": True})


def metrics(request):
    """Figures for Prometheus."""
    return HttpResponse("", content_type="text/plain")
