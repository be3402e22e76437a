"""What changed between two JSON values, as a JSON Patch (RFC 6902)."""

from typing import Any

Operation = dict[str, Any]


def diff(old: Any, new: Any, path: str = "") -> list[Operation]:
    """Return operations that turn `old` into `new`, in time linear in their size."""
    if isinstance(old, dict) and isinstance(new, dict):
        return _diff_objects(old, new, path)
    if isinstance(old, list) and isinstance(new, list):
        return _diff_arrays(old, new, path)
    return [] if _same(old, new) else [{"op": "replace", "path": path, "value": new}]


def _diff_objects(old: dict[str, Any], new: dict[str, Any], path: str) -> list[Operation]:
    operations: list[Operation] = []
    for name, value in old.items():
        below = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
        if name in new:
            operations += diff(value, new[name], below)
        else:
            operations.append({"op": "remove", "path": below})
    for name, value in new.items():
        if name not in old:
            below = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
            operations.append({"op": "add", "path": below, "value": value})
    return operations


def _diff_arrays(old: list[Any], new: list[Any], path: str) -> list[Operation]:
    start, old_end, new_end = _changed_range(old, new)
    both = min(old_end, new_end)
    operations = [operation for i in range(start, both) for operation in diff(old[i], new[i], f"{path}/{i}")]
    operations += [{"op": "remove", "path": f"{path}/{both}"}] * (old_end - both)
    operations += [{"op": "add", "path": f"{path}/{i}", "value": new[i]} for i in range(both, new_end)]
    return operations


def _changed_range(old: list[Any], new: list[Any]) -> tuple[int, int, int]:
    """Where two arrays begin to differ, and where each of them ceases to."""
    start, old_end, new_end = 0, len(old), len(new)
    while start < min(old_end, new_end) and _same(old[start], new[start]):
        start += 1
    while min(old_end, new_end) > start and _same(old[old_end - 1], new[new_end - 1]):
        old_end, new_end = old_end - 1, new_end - 1
    return start, old_end, new_end


def _same(old: Any, new: Any) -> bool:
    """Say whether two values are one JSON value; Python takes True, 1 and 1.0 for the same."""
    if type(old) is not type(new):
        return False
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_same(value, new[name]) for name, value in old.items())
    if isinstance(old, list):
        return len(old) == len(new) and all(map(_same, old, new))
    return bool(old == new)
