"""How does whatever may be a customer's id stand in a path?"""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor


class _Whole(Convertor[str]):
    """All up to the end, slashes and line ends too: Starlette's own drops a line end at the end,
    and so would erase somebody else."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


# before any route names it
register_url_convertor("whole", _Whole())

CUSTOMER = "/v1/customers/{customer:whole}"
