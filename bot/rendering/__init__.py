"""Draw the pictures of answers: values in, PNG bytes out."""
