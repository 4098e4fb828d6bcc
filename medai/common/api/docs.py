"""The schema at /api/schema/ and Swagger UI at /api/docs/, from our own origin only."""

from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, as JSON unless YAML is asked for."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiYamlRenderer]
    permission_classes = [AllowAny]


class DocsView(SpectacularSwaggerSplitView):
    """The variant whose script is a request of its own: the content security policy allows no inline script."""

    template_name = "common/api_docs.html"
    permission_classes = [AllowAny]
    url_name = "api_schema"
