"""One file a format. Each declares its `READER`; `privaudit.release.files` finds it here."""
