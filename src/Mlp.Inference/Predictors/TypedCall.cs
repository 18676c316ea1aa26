using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Mlp.Inference;

/// <summary>One typed prediction on its way: room for the answer, and the awaitable that turns it into the caller's type. Pooled.</summary>
internal sealed class TypedCall<TIn, TOut> : IValueTaskSource<TOut>
    where TIn : IModelInput<TIn>
    where TOut : IModelOutput<TOut>
{
    private readonly Predictor<TIn, TOut> _owner;
    private readonly Action _arrived;
    private ManualResetValueTaskSourceCore<TOut> _core;
    private ValueTaskAwaiter _awaiter;

    public TypedCall(Predictor<TIn, TOut> owner, TensorRows answer)
    {
        _owner = owner;
        Answer = answer;
        _arrived = Arrived;
    }

    public TensorRows Answer { get; }

    public ValueTask<TOut> Follow(ValueTask task)
    {
        _awaiter = task.GetAwaiter();
        var token = _core.Version;
        if (_awaiter.IsCompleted)
        {
            Arrived();
        }
        else
        {
            _awaiter.UnsafeOnCompleted(_arrived);
        }

        return new ValueTask<TOut>(this, token);
    }

    public TOut GetResult(short token)
    {
        // Outside the try: a token of an earlier use must not give the call back a second time.
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The prediction was read before it was there.");
        }

        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _owner.Return(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Arrived()
    {
        TOut answer;
        try
        {
            _awaiter.GetResult();
            answer = _owner.Read(Answer);
        }
        catch (Exception e)
        {
            // Whatever the way ended with belongs to the caller who awaits.
            _awaiter = default;
            _core.SetException(e);
            return;
        }

        _awaiter = default;
        _core.SetResult(answer);
    }
}
