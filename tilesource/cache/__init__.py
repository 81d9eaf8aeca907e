"""What is kept between requests: open files in the process, computed images in Redis."""
