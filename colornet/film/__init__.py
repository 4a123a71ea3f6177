"""What colouring films is made of; PyAV and OpenCV are in the extra `film`."""
