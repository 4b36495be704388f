"""The old spellings in `threading`."""
import threading
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    thread = threading.currentThread()
    thread.getName()
    threading.Thread().setDaemon(True)
    threading.Event().isSet()
assert all(w.category is DeprecationWarning for w in caught)
print(f"4 old names: {len(caught)} deprecation warnings")
