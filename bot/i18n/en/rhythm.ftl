rhythm-tempo = { $bpm } BPM
rhythm-sparse = sparse
rhythm-steady = steady
rhythm-dense = busy
rhythm-looped = loops
rhythm-varied = varies from bar to bar
rhythm-new = hardly ever repeats
rhythm-none = no steady beat
