"""Files that people bring are read in a process of their own, within limits that the operating system keeps."""
