"""One module a format: WFDB, EDF and BDF, DICOM, CSV. Each opens a file and reads one of its leads."""
