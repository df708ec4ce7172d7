"""Auto-encoders and greedy layer-wise pre-training (A35, A36)."""
import numpy as np
import pytest
from sklearn.decomposition import PCA

from course_lib import F, Tensor, datasets, fit, nn, optim
from course_lib.gradcheck import gradcheck
from course_lib.pretraining import AutoEncoder, autoencoder, classifier, stack


def rng():
    return np.random.default_rng(0)


def adam(params):
    return optim.Adam(params, lr=0.01)


def test_linear_autoencoder_finds_the_principal_components():
    """A35 with linear units: the loss is the sum of the discarded eigenvalues, the decoder spans the components."""
    X = rng().standard_normal((300, 5)) @ np.diag([3.0, 2.0, 1.0, 0.5, 0.2]) @ np.linalg.qr(rng().standard_normal((5, 5)))[0]
    X -= X.mean(axis=0)
    model = autoencoder(5, 2, "linear", rng=rng()).to(np.float64)
    fit(model, X, X, loss=lambda a, b: F.mse_loss(a, b, "batchmean"), epochs=2000,
        optimizer=optim.SGD(model.parameters(), 0.01, momentum=0.95), batch_size=300, rng=rng(), progress=False)
    pca = PCA(2).fit(X)
    lost = (X.var(axis=0).sum() - np.linalg.eigvalsh(X.T @ X / 300)[-2:].sum())
    assert F.mse_loss(model(X), X, "batchmean").item() == pytest.approx(lost, rel=1e-6)
    q = np.linalg.qr(model.decoder[0].weight.data)[0]
    np.testing.assert_allclose(q @ q.T, pca.components_.T @ pca.components_, atol=1e-4)


def test_gradients_reach_encoder_and_decoder():
    model = autoencoder(4, 3, rng=rng()).to(np.float64)
    X = rng().standard_normal((6, 4))
    assert gradcheck(lambda *_: F.mse_loss(model(X), X), model.parameters(), rng=rng()) <= 1e-6
    assert [name for name, _ in model.named_parameters()] == ["encoder.0.weight", "encoder.0.bias", "decoder.0.weight",
                                                              "decoder.0.bias"]


def test_stacking_lowers_the_error_of_every_layer_and_starts_the_classifier_there():
    X = datasets.digits().X_train[:300]
    autoencoders, histories = stack(X, [24, 12], make_optimizer=adam, epochs=20, rng=rng(), progress=False)
    for history in histories:
        assert history["train loss"][-1] < 0.8 * history["train loss"][0]
    model = classifier(autoencoders, 10, rng=rng())
    hidden = autoencoders[1].encoder(autoencoders[0].encoder(X)).data
    np.testing.assert_array_equal(model[:-1](X).data, hidden)
    model[0].weight.data += 1                                           # fine-tuning leaves the auto-encoders alone
    np.testing.assert_array_equal(autoencoders[0].encoder(X).data, autoencoders[0].encoder(Tensor(X)).data)
    assert not np.allclose(model[0].weight.data, autoencoders[0].encoder[0].weight.data)


def test_pretraining_rescues_a_deep_sigmoid_network():
    """A36: the same network, optimizer and epochs, from Xavier's weights and from pre-trained ones."""
    split, sizes = datasets.digits(), [50, 50, 50, 50]

    def train(model):
        return fit(model, split.X_train, split.y_train, optimizer=optim.SGD(model.parameters(), 0.3), epochs=20,
                   batch_size=32, rng=rng(), validation=(split.X_test, split.y_test), progress=False)["test accuracy"][-1]

    autoencoders, _ = stack(split.X_train, sizes, make_optimizer=adam, epochs=30, rng=rng(), progress=False)
    random = train(nn.mlp([64, *sizes, 10], "sigmoid", init="xavier", rng=rng()))
    pretrained = train(classifier(autoencoders, 10, rng=rng()))
    assert random < 0.3 and pretrained > 0.8


def test_progress_bar_names_what_it_does(capsys):
    stack(np.ones((200, 4), np.float32), [3] * 20, make_optimizer=adam, epochs=100, rng=rng())
    assert "pre-training" in capsys.readouterr().err


@pytest.mark.parametrize("act, error, text", [
    (lambda: AutoEncoder(nn.mlp([4, 3], rng=rng()), nn.mlp([2, 4], rng=rng())), ValueError,
     "AutoEncoder: the decoder must lead from 3 numbers back to 4 because the encoder leads from 4 to 3, but it leads "
     "from 2 to 4"),
    (lambda: autoencoder(4, 0, rng=rng()), ValueError, "autoencoder: n_hidden must be at least 1, but is 0"),
    (lambda: classifier([autoencoder(4, 3, rng=rng()), autoencoder(2, 3, rng=rng())], 2, rng=rng()), ValueError,
     "classifier: auto-encoder 2 must read 3 numbers because the one before gives 3, but it reads 2"),
    (lambda: classifier([], 2, rng=rng()), ValueError, "classifier: autoencoders must hold at least one, but is empty"),
    (lambda: stack(np.ones((4, 3)), [], make_optimizer=adam, epochs=1, rng=rng()), ValueError, "stack: sizes must name"),
    (lambda: stack(np.ones(4), [2], make_optimizer=adam, epochs=1, rng=rng()), ValueError,
     r"stack: X must have shape \(N, D\), but is \(4,\)"),
])
def test_bad_settings(act, error, text):
    with pytest.raises(error, match=text):
        act()
