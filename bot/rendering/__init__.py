"""The pictures in the bot's answers: values in, PNG bytes out."""
