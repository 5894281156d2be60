"""Child processes that read what strangers wrote: started, confined, talked to, buried."""
